import { type SparseTransformerOptions, sparseTransformer } from "../../attention/sparse-transformer/index.js";
import { sparseTransformerReference } from "../../attention/sparse-transformer/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

function sparseCase(
	name: string,
	options: SparseTransformerOptions,
	limits: Pick<MechanismCase, "heads"> = {},
): MechanismCase {
	return {
		name: `sparse ${name}`,
		attend: sparseTransformer(options),
		reference: (q, k, v, keyMask) => sparseTransformerReference(q, k, v, { ...options, keyMask }),
		cross: false,
		minLength: options.pattern === "local" ? 1 : options.stride + 1,
		...limits,
	};
}

export const sparseTransformerCases: readonly MechanismCase[] = [
	sparseCase("local 20", { pattern: "local", stride: 20 }),
	sparseCase("local 20, paper, not causal", { pattern: "local", stride: 20, convention: "paper", causal: false }),
	sparseCase("strided 12", { pattern: "strided", stride: 12 }),
	sparseCase("strided 12, not causal", { pattern: "strided", stride: 12, causal: false }),
	sparseCase("strided 7, second", { pattern: "strided", stride: 7, combine: "second" }),
	sparseCase("strided 7, per head", { pattern: "strided", stride: 7, combine: "per-head" }, { heads: 2 }),
	sparseCase("fixed 24, 5 cells", { pattern: "fixed", stride: 24, summary: 5 }),
	sparseCase("fixed 24, 5 cells, not causal", { pattern: "fixed", stride: 24, summary: 5, causal: false }),
	sparseCase(
		"fixed 62, 9 cells of 2 sub-blocks, second",
		{ pattern: "fixed", stride: 62, summary: 9, subBlocks: 2, combine: "second" },
		{ heads: 2 },
	),
	sparseCase("fixed 24, first", { pattern: "fixed", stride: 24, combine: "first" }),
];

type SparseParameters = { readonly l: number; readonly c: number };

export const sparseTransformerGolden: GoldenRuns<SparseParameters> = {
	"sparse-local": attentionGolden(({ l }) => sparseTransformer({ pattern: "local", stride: l })),
	"sparse-strided": attentionGolden(({ l }) => sparseTransformer({ pattern: "strided", stride: l, combine: "second" })),
	"sparse-strided-merged": attentionGolden(({ l }) => sparseTransformer({ pattern: "strided", stride: l })),
	"sparse-fixed": attentionGolden(({ l, c }) => sparseTransformer({ pattern: "fixed", stride: l, summary: c })),
	"sparse-fixed-heads": attentionGolden(({ l, c }) =>
		sparseTransformer({ pattern: "fixed", stride: l, summary: c, subBlocks: 2 }),
	),
	"sparse-fixed-summary": attentionGolden(({ l, c }) =>
		sparseTransformer({ pattern: "fixed", stride: l, summary: c, combine: "second" }),
	),
};
