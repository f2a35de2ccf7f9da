import { DTypeError, ShapeError } from "../errors.js";
import { scope } from "../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { combine, sumGradients } from "./combine.js";
import { runAgain, runUnsaved } from "./recompute.js";
import { activeTape, record } from "./tape.js";

/** Two functions that couple two streams: y1 = x1 + f(x2), y2 = x2 + g(y1). Each keeps the shape of the stream it is added to. */
export interface Coupling {
	f(x: Tensor): Tensor;
	g(x: Tensor): Tensor;
}

const name = "reversibleSequence";

/**
 * Couplings one after the other: y1 = x1 + f(x2), y2 = x2 + g(y1) (RevNet, Gomez et al. 2017, arXiv 1707.04585, eq. 6; Reformer, Kitaev
 * et al. 2020, arXiv 2001.04451, eq. 9). Of all of them together only the final y1 and y2 are kept: the backward pass goes from the last
 * coupling to the first and recomputes its inputs, x2 = y2 - g(y1), x1 = y1 - f(x2). So the memory for activations is that of one f or
 * g whatever the depth, for one more forward pass. The inputs come back up to rounding, and so do the gradients.
 *
 * `f` and `g` must give the same result each time (random operations take explicit keys, so they do). They may use parameters from
 * outside, the same ones in several couplings if need be, which must stay alive until the backward pass and get their gradients as
 * usual.
 *
 * @param x1 float32; f keeps its shape
 * @param x2 float32; g keeps its shape, usually that of x1. May be x1 itself
 * @returns y1 and y2 of the last coupling
 * @throws ShapeError, DTypeError if f or g returns anything but a float32 tensor of the shape of its stream
 * @example
 * const [y1, y2] = reversibleSequence(blocks.map((b) => ({ f: (x) => attention(b, x), g: (x) => feedForward(b, x) })), x, x);
 */
export function reversibleSequence(couplings: readonly Coupling[], x1: Tensor, x2: Tensor): [Tensor, Tensor] {
	checkStream("argument x1", x1);
	checkStream("argument x2", x2);
	const run = (a: Tensor, b: Tensor) => runCouplings(couplings, a, b);
	const outer = activeTape();
	if (!outer) return run(x1, x2);
	const { result, outside, depends } = runUnsaved(outer, [x1, x2], run);
	if (depends)
		outer.add([x1, x2, ...outside], result, {
			save: result,
			backward: (saved, gradients) => {
				const [y1, y2] = saved as [Tensor, Tensor];
				const [dy1, dy2] = gradients as [Tensor | null, Tensor | null];
				return undoCouplings(couplings, outside as Tensor[], { y1, y2, dy1, dy2 });
			},
		});
	return result;
}

function runCouplings(couplings: readonly Coupling[], x1: Tensor, x2: Tensor): [Tensor, Tensor] {
	let [y1, y2] = [x1, x2];
	/** stream + change(other), and the stream before is freed unless it is the caller's. */
	const advance = (stream: Tensor, change: () => Tensor, what: string, index: number): Tensor => {
		const next = scope(() => {
			const added = change();
			checkStream(`${what} of couplings[${index}]`, added, stream.shape);
			const sum = combine("add", stream, added);
			record([stream, added], [sum], { save: [], backward: (_, [dy]) => [dy as Tensor, dy as Tensor] });
			return sum;
		});
		if (index > 0) stream.dispose();
		return next;
	};
	couplings.forEach((coupling, index) => {
		y1 = advance(y1, () => coupling.f(y2), "f", index);
		y2 = advance(y2, () => coupling.g(y1), "g", index);
	});
	return [y1, y2];
}

/**
 * Gradients of x1, x2 and the tensors from outside. Frees y1, y2 and their gradients as soon as those of the coupling before take
 * their place.
 */
function undoCouplings(
	couplings: readonly Coupling[],
	outside: readonly Tensor[],
	{ y1, y2, dy1, dy2 }: { y1: Tensor; y2: Tensor; dy1: Tensor | null; dy2: Tensor | null },
): (Tensor | null)[] {
	const outsideGradients: (Tensor | null)[] = outside.map(() => null);
	/** From y = before + change(x): before, and what y gives to the gradient of x. */
	const undo = (change: (x: Tensor) => Tensor, x: Tensor, y: Tensor, dy: Tensor | null) => {
		const sources = [x, ...outside];
		const { before, pullBack } = scope(() => {
			const again = runAgain(
				sources,
				sources.map(() => true),
				() => change(x),
			);
			return { before: combine("subtract", y, again.result), pullBack: again.pullBack };
		});
		y.dispose();
		const [dx = null, ...rest] = pullBack([dy]);
		rest.forEach((gradient, index) => {
			outsideGradients[index] = sumGradients(outsideGradients[index] ?? null, gradient);
		});
		return { before, dx };
	};
	for (const coupling of couplings.toReversed()) {
		const second = undo((x) => coupling.g(x), y1, y2, dy2);
		y2 = second.before;
		dy1 = sumGradients(dy1, second.dx);
		const first = undo((x) => coupling.f(x), y2, y1, dy1);
		y1 = first.before;
		dy2 = sumGradients(dy2, first.dx);
	}
	return [dy1, dy2, ...outsideGradients];
}

function checkStream(what: string, x: unknown, shape?: Shape): asserts x is Tensor {
	if (!(x instanceof Tensor)) throw new DTypeError(`${name}: ${what} is ${x}; expected a float32 tensor`);
	if (x.dtype !== "float32") throw new DTypeError(`${name}: ${what} is an ${x.dtype} tensor; expected float32`);
	if (shape && !sameShape(x.shape, shape))
		throw new ShapeError(
			`${name}: ${what} has shape ${formatShape(x.shape)}; expected ${formatShape(shape)}, that of the stream it is added to`,
		);
}
