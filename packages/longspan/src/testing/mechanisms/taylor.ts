import { type TaylorOptions, taylor } from "../../attention/taylor/index.js";
import { taylorReference } from "../../attention/taylor/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

const taylorCase = (options: TaylorOptions, limits: Partial<MechanismCase> = {}): MechanismCase => ({
	name: `Taylor${options.order === 2 ? ", order 2" : ""}${options.causal ? ", causal" : ""}`,
	attend: taylor(options),
	reference: (q, k, v, keyMask) => taylorReference(q, k, v, { ...options, keyMask }),
	cross: !options.causal,
	...limits,
});

export const taylorCases: readonly MechanismCase[] = [
	taylorCase({}),
	taylorCase({ causal: true }),
	// headDim² features: the wider heads among the long shapes would take long.
	taylorCase({ order: 2 }, { maxLength: 199 }),
	taylorCase({ order: 2, causal: true }, { maxLength: 199 }),
];

export const taylorGolden: GoldenRuns = {
	taylor: attentionGolden(() => taylor()),
	"taylor-causal": attentionGolden(() => taylor({ causal: true })),
	"taylor-padding": attentionGolden(() => taylor()),
};
