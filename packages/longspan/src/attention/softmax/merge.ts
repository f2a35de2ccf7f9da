import { record } from "../../autograd/tape.js";
import { OptionError, ShapeError } from "../../errors.js";
import { checkOperands } from "../../ops/operands.js";
import { emptyTensor, zerosLike } from "../../tensor/create.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { SoftmaxResult } from "./softmax-attention.js";

/**
 * Attention over the union of the keys of several partial results, exactly: each part's output weighted by
 * exp(its logSumExp - the total). A key that is in several parts counts several times.
 *
 * @param parts results of `softmaxAttention` for the same queries
 * @throws OptionError without parts, ShapeError if they differ in shape
 */
export function mergeSoftmax(...parts: readonly SoftmaxResult[]): SoftmaxResult {
	const [head, ...rest] = parts;
	if (!head) throw new OptionError("mergeSoftmax: no part was given; expected at least one");
	return rest.reduce(mergeTwo, head);
}

function mergeTwo(a: SoftmaxResult, b: SoftmaxResult): SoftmaxResult {
	const device = checkOperands("mergeSoftmax", {
		"a.output": a.output,
		"a.logSumExp": a.logSumExp,
		"b.output": b.output,
		"b.logSumExp": b.logSumExp,
	});
	if (!sameShape(a.output.shape, b.output.shape) || !sameShape(a.logSumExp.shape, b.logSumExp.shape))
		throw new ShapeError(
			`mergeSoftmax: parts have outputs ${formatShape(a.output.shape)} and ${formatShape(b.output.shape)}; they must be equal`,
		);
	const { backend } = device;
	const rows = a.logSumExp.size;
	const width = a.output.shape[a.output.rank - 1] as number;
	const merged = { output: emptyTensor(device, a.output.shape), logSumExp: emptyTensor(device, a.logSumExp.shape) };
	backend.mergeSoftmax(buffers(a), buffers(b), buffers(merged), rows, width);
	record([a.output, a.logSumExp, b.output, b.logSumExp], [merged.output, merged.logSumExp], {
		save: [a.output, a.logSumExp, b.output, b.logSumExp, merged.output, merged.logSumExp],
		backward: (saved, [dOutput, dLogSumExp]) => {
			const [ao, al, bo, bl, output, logSumExp] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
			const gradient = { output: (dOutput ?? zerosLike(output)).buffer, logSumExp: dLogSumExp?.buffer ?? null };
			return [
				{ output: ao, logSumExp: al },
				{ output: bo, logSumExp: bl },
			].flatMap((part) => {
				const dPart = { output: emptyTensor(device, output.shape), logSumExp: emptyTensor(device, logSumExp.shape) };
				backend.mergeSoftmaxGradient(
					buffers(part),
					buffers({ output, logSumExp }),
					gradient,
					buffers(dPart),
					rows,
					width,
				);
				return [dPart.output, dPart.logSumExp];
			});
		},
	});
	return merged;
}

function buffers({ output, logSumExp }: SoftmaxResult) {
	return { output: output.buffer, logSumExp: logSumExp.buffer };
}
