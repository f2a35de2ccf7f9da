import { full } from "../../attention/full/index.js";
import { fullReference } from "../../attention/full/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

export const fullCases: readonly MechanismCase[] = [
	...[false, true].map(
		(causal): MechanismCase => ({
			name: `full${causal ? ", causal" : ""}`,
			attend: full({ causal }),
			reference: (q, k, v, keyMask) => fullReference(q, k, v, { causal, keyMask }),
			cross: !causal,
		}),
	),
	{
		name: "full, scale 0.5",
		attend: full({ scale: 0.5 }),
		reference: (q, k, v, keyMask) => fullReference(q, k, v, { scale: 0.5, keyMask }),
		cross: true,
	},
];

export const fullGolden: GoldenRuns = {
	full: attentionGolden(() => full()),
	"full-causal": attentionGolden(() => full({ causal: true })),
	"full-padding": attentionGolden(() => full()),
	"full-causal-leftpad": attentionGolden(() => full({ causal: true })),
	"full-cross": attentionGolden(() => full()),
};
