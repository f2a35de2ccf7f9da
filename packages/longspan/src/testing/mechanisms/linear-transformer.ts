import * as featureMaps from "../../attention/feature-maps/index.js";
import { type LinearOptions, linear } from "../../attention/linear-transformer/index.js";
import { linearReference } from "../../attention/linear-transformer/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

const linearCase = (name: string, options: LinearOptions, limits: Partial<MechanismCase> = {}): MechanismCase => ({
	name: `linear${name}${options.causal ? ", causal" : ""}`,
	attend: linear(options),
	reference: (q, k, v, keyMask) => linearReference(q, k, v, { ...options, keyMask }),
	cross: !options.causal,
	...limits,
});

const { squaredRelu, identity, randomFourier, favorPlus, cosine } = featureMaps;

export const linearCases: readonly MechanismCase[] = [
	linearCase("", {}),
	linearCase("", { causal: true }),
	linearCase(", squared relu", { featureMap: squaredRelu, causal: true, epsilon: 1e-3 }),
	linearCase(", identity", { featureMap: identity, causal: true, normalize: false }),
	linearCase(", random Fourier", { featureMap: randomFourier({ features: 24, smoothing: 1 }) }),
	linearCase(", FAVOR+", { featureMap: favorPlus({ features: 24, seed: 3 }) }),
	linearCase(", FAVOR+", { featureMap: favorPlus({ features: 24, seed: 3 }), causal: true }),
	linearCase(", cosine", { featureMap: cosine({ maxLength: 4000 }), causal: true, epsilon: 1e-3 }),
];

export const linearGolden: GoldenRuns = {
	linear: attentionGolden(() => linear()),
	"linear-causal": attentionGolden(() => linear({ causal: true })),
	"linear-padding": attentionGolden(() => linear()),
};
