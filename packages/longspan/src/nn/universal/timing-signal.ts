import { checkChoice, checkOptions } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Initializer } from "../initialize.js";

export interface TimingOptions {
	/**
	 * "interleaved" (default, the paper): channel 2j has sin(i / 10000^(2j / dim)), channel 2j + 1 the cosine, and positions and steps count
	 * from 1. "halves" (tensor2tensor): the first half of the channels has sines, the second cosines, of i / 10000^(j / (dim / 2 - 1)),
	 * and positions and steps count from 0; an odd last channel has 0.
	 */
	layout?: "interleaved" | "halves";
	/** Signal of the step: "sinusoidal" (default, the paper), or "learned" (tensor2tensor), a vector for each step. */
	step?: "sinusoidal" | "learned";
}

/** P^t, the sum of a signal of the position and one of the step. */
export interface TimingSignal {
	/** Draws the vectors of steps, [steps, dim]; null where they are not learned. */
	initialize(steps: number, draw: Initializer): Tensor | null;
	/** Signals of `length` positions from `first` (counted from 0) on, [length, dim]. */
	positions(first: number, length: number, device: Device): Tensor;
	/** Signal of step 1, 2, …, [dim]; `learned` as `initialize` makes it. */
	step(step: number, device: Device, learned: Tensor | null): Tensor;
}

const base = 10_000;

/**
 * Position and step signals of the Universal Transformer (Dehghani et al. 2018, arXiv 1807.03819, eq. 6 and 7).
 *
 * @throws OptionError for an unknown layout or kind of step signal
 */
export function timingSignal(name: string, dim: number, options: TimingOptions): TimingSignal {
	checkOptions(name, options, { layout: true, step: true }, "timing");
	const { layout = "interleaved", step: kind = "sinusoidal" } = options;
	checkChoice(name, "timing.layout", layout, ["interleaved", "halves"]);
	checkChoice(name, "timing.step", kind, ["sinusoidal", "learned"]);
	const write = layout === "interleaved" ? writeInterleaved : writeHalves;
	/** The rows of positions or steps from `first` on. */
	const rows = (first: number, length: number): Float64Array => {
		const values = new Float64Array(length * dim);
		for (let row = 0; row < length; row++) write(values.subarray(row * dim, (row + 1) * dim), first + row);
		return values;
	};
	/** Calls repeat a length more often than not. */
	let latest: { first: number; length: number; values: Float64Array } | null = null;
	return {
		initialize: (steps, draw) => (kind === "learned" ? draw([steps, dim], 1) : null),
		positions(first, length, device) {
			if (latest?.first !== first || latest.length !== length) latest = { first, length, values: rows(first, length) };
			return tensor(latest.values, [length, dim], device);
		},
		step: (step, device, learned) =>
			learned ? reshape(slice(learned, 0, step - 1, step), [dim]) : tensor(rows(step - 1, 1), [dim], device),
	};
}

/** @param index counted from 0 */
function writeInterleaved(row: Float64Array, index: number): void {
	for (let channel = 0; channel < row.length; channel++) {
		const angle = (index + 1) * base ** (-(channel - (channel % 2)) / row.length);
		row[channel] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
	}
}

/** @param index counted from 0 */
function writeHalves(row: Float64Array, index: number): void {
	const half = Math.floor(row.length / 2);
	for (let pair = 0; pair < half; pair++) {
		const angle = index * base ** (-pair / Math.max(half - 1, 1));
		row[pair] = Math.sin(angle);
		row[half + pair] = Math.cos(angle);
	}
}
