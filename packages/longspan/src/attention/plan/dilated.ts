import { OptionError } from "../../errors.js";
import { bandPlan, bandRuns, span } from "./builders.js";
import { slotsOf } from "./gather.js";
import { type TilePlan, type TileRule, type TileRun, tileSize } from "./tile-plan.js";

export interface DilatedBandOptions {
	readonly length: number;
	/** Neighbours on one side, counted in steps of `dilation`. */
	readonly window: number;
	readonly dilation: number;
	readonly causal: boolean;
}

/**
 * Query r sees the keys r + t * dilation for |t| <= window (t <= 0 if causal). Positions are put in the order of their
 * remainder by `dilation`, where the keys of a query are neighbours, so that as few tiles are visited as without dilation.
 */
export function dilatedBandPlan({ length, window, dilation, causal }: DilatedBandOptions): TilePlan {
	const reach = window * dilation;
	if (dilation === 1)
		return bandPlan({ rows: length, columns: length, minOffset: -reach, maxOffset: causal ? 0 : reach });
	if (dilation >= length && window > 0)
		throw new OptionError(
			`dilation is ${dilation} for length ${length}; expected less than the length, or no query sees another key`,
		);
	const order = new Int32Array(length);
	/** First slot of each class of remainders; class c has the slots starts[c] .. starts[c + 1] - 1. */
	const starts = [0];
	let slot = 0;
	for (let remainder = 0; remainder < dilation; remainder++) {
		for (let position = remainder; position < length; position += dilation) order[slot++] = position;
		starts.push(slot);
	}
	const rule: TileRule = { minOffset: -reach, maxOffset: causal ? 0 : reach, modulus: dilation };
	const slots = slotsOf(order);
	const runs = Array.from({ length: slots.length / tileSize }, (_, tile): TileRun[] => {
		const first = tile * tileSize;
		const last = Math.min(length, first + tileSize) - 1;
		const firstClass = classOf(starts, first);
		const lastClass = classOf(starts, last);
		const classStart = starts[firstClass] as number;
		const classEnd = (starts[lastClass + 1] as number) - 1;
		// Among the slots of one class the band is plain; a tile that spans classes takes the band of its ends, tested everywhere.
		const ahead = causal ? 0 : window;
		const seen = span(Math.max(first - window, classStart), Math.min(last + ahead, classEnd), length);
		const inside =
			firstClass === lastClass
				? span(Math.max(last - window, classStart), Math.min(first + ahead, classEnd), length)
				: { first: 0, last: -1 };
		return bandRuns(seen, inside, length);
	});
	return { rows: length, columns: length, rowOrder: slots, columnOrder: slots, runs, rules: [{}, rule] };
}

/** The class whose slots hold `slot`, by bisection. */
function classOf(starts: readonly number[], slot: number): number {
	let low = 0;
	let high = starts.length - 2;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if ((starts[middle] as number) <= slot) low = middle;
		else high = middle - 1;
	}
	return low;
}
