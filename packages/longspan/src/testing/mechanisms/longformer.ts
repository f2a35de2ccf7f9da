import { longformer } from "../../attention/longformer/index.js";
import { longformerReference } from "../../attention/longformer/reference.js";
import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

/** The same global tokens for all batch entries. */
function forAll(q: Tensor, globals: readonly number[]): readonly (readonly number[])[] {
	return Array.from({ length: q.shape[0] as number }, () => globals);
}

const spread = [0, 5, 40, 62];

export const longformerCases: readonly MechanismCase[] = [false, true].flatMap((causal): MechanismCase[] => {
	const suffix = causal ? ", causal" : "";
	return [
		...[7, 100].map(
			(window): MechanismCase => ({
				name: `longformer ${window}, 4 global${suffix}`,
				attend: longformer({ window, globalTokens: spread, causal }),
				reference: (q, k, v, keyMask) =>
					longformerReference(q, k, v, { window, globals: forAll(q, spread), causal, keyMask }),
				cross: false,
				minLength: 63,
			}),
		),
		{
			name: `longformer 9 dilation 1,4, 3 global${suffix}`,
			attend: longformer({ window: 9, dilation: [1, 4], globalTokens: [2, 3, 61], causal }),
			reference: (q, k, v, keyMask) =>
				longformerReference(q, k, v, {
					...{ window: 9, dilation: [1, 4], globals: forAll(q, [2, 3, 61]), causal, keyMask },
				}),
			cross: false,
			heads: 2,
			minLength: 63,
		},
	];
});

/** Positions of the ones of each row of a mask that are also in `mask`. */
function positionsOf(marks: Tensor<"int32">, mask: Tensor<"int32">): number[][] {
	const [batch, length] = marks.shape as [number, number];
	const [marked, kept] = [marks.dataSync(), mask.dataSync()];
	return Array.from({ length: batch }, (_, b) =>
		Array.from({ length }, (__, i) => i).filter((i) => marked[b * length + i] && kept[b * length + i]),
	);
}

/** Sets the rows of padding to 0, as models of this family do. */
export function zeroPaddedRows(out: Tensor, mask: Tensor<"int32">): Tensor {
	const [batch, length] = mask.shape as [number, number];
	return where(reshape(mask, [batch, 1, length, 1]), out, filled([], 0, out.device));
}

export const longformerGolden: GoldenRuns<{ readonly w: number }> = {
	longformer: ({ tensors, integers, parameters }) => {
		const { q, k, v, qg, kg, vg } = tensors as { [name in "q" | "k" | "v" | "qg" | "kg" | "vg"]: Tensor };
		const { global_mask, mask } = integers as { [name in "global_mask" | "mask"]: Tensor<"int32"> };
		const out = longformer({ window: parameters.w })(q, k, v, {
			keyMask: mask,
			globalTokens: positionsOf(global_mask, mask),
			globalProjections: { q: qg, k: kg, v: vg },
		});
		return zeroPaddedRows(out, mask);
	},
};
