import { linear } from "../../attention/linear-transformer/index.js";
import { linearReference } from "../../attention/linear-transformer/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

export const linearCases: readonly MechanismCase[] = [false, true].map(
	(causal): MechanismCase => ({
		name: `linear${causal ? ", causal" : ""}`,
		attend: linear({ causal }),
		reference: (q, k, v, keyMask) => linearReference(q, k, v, { causal, keyMask }),
		cross: !causal,
	}),
);

export const linearGolden: GoldenRuns = {
	linear: attentionGolden(() => linear()),
	"linear-causal": attentionGolden(() => linear({ causal: true })),
	"linear-padding": attentionGolden(() => linear()),
};
