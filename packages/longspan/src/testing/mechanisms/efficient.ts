import { type EfficientOptions, efficient } from "../../attention/efficient/index.js";
import { efficientReference } from "../../attention/efficient/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

const efficientCase = (name: string, options: EfficientOptions): MechanismCase => ({
	name,
	attend: efficient(options),
	reference: (q, k, v, keyMask) => efficientReference(q, k, v, { ...options, keyMask }),
	cross: !options.causal,
});

export const efficientCases: readonly MechanismCase[] = [
	efficientCase("efficient", {}),
	efficientCase("efficient, scaling", { normalization: "scaling" }),
	efficientCase("efficient, causal extension", { causal: true }),
];

export const efficientGolden: GoldenRuns = {
	efficient: attentionGolden(() => efficient()),
	"efficient-padding": attentionGolden(() => efficient()),
};
