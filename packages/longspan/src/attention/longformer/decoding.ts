import type { DecodingSession, DecodingSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { startWindowDecoding } from "../sliding-window/decoding.js";
import { startCachedDecoding } from "../softmax/cached-decoding.js";

/** A causal Longformer as its sessions read it. */
export interface DecodedLongformer {
	readonly window: number;
	readonly causal: boolean;
	readonly dilations: readonly number[];
	readonly scale: number | undefined;
	/** Ascending. */
	readonly globals: readonly number[];
	/** Plans of a whole sequence with these global tokens. */
	plansOf(length: number, globals: readonly number[]): HeadPlans;
}

/**
 * Decoding with a ring of the window's keys if there are no global tokens. Otherwise all keys are kept until the last global token,
 * which sees them, has come; from then on those of the window and the global ones. A step reads what its query sees.
 */
export function startLongformerDecoding(sizes: DecodingSizes, pattern: DecodedLongformer): DecodingSession {
	const { window, dilations, scale, globals, plansOf } = pattern;
	const last = globals[globals.length - 1];
	if (last === undefined) return startWindowDecoding(sizes, pattern);
	const reach = window * Math.max(...dilations);
	const isGlobal = new Set(globals);
	const distinct = [...new Set(dilations)];
	const headMap = dilations.map((dilation) => distinct.indexOf(dilation));
	const before = (position: number) => Array.from({ length: position + 1 }, (_, key) => key);
	return startCachedDecoding(sizes, {
		name: "longformer",
		scale,
		pinned: globals,
		forgets: (position) => (position > last ? Math.max(0, position - reach) : 0),
		partsOf: (length, base) => {
			const kept = globals.filter((position) => position < base);
			const recent = globals.slice(kept.length).map((position) => kept.length + position - base);
			return [
				plansOf(
					length,
					[...kept.keys(), ...recent].filter((slot) => slot < length),
				),
			];
		},
		visible: (position) => {
			if (isGlobal.has(position)) return { lists: [before(position)], headMap: [0] };
			const seen = globals.filter((key) => key < position);
			const lists = distinct.map((dilation) => {
				const steps = Math.min(window, Math.floor(position / dilation));
				const near = Array.from({ length: steps + 1 }, (_, step) => position - (steps - step) * dilation);
				return [...seen, ...near.filter((key) => !isGlobal.has(key))];
			});
			return { lists, headMap };
		},
	});
}
