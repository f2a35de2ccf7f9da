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
	partsOf(length: number): readonly HeadPlans[];
}

/**
 * Decoding with a ring of the window's keys if there are no global tokens; otherwise with all keys, since a global token that is
 * still to come sees them. A step reads the window and the global keys; one at a global position reads all before it.
 */
export function startLongformerDecoding(sizes: DecodingSizes, pattern: DecodedLongformer): DecodingSession {
	const { window, dilations, scale, globals, partsOf } = pattern;
	if (globals.length === 0) return startWindowDecoding(sizes, pattern);
	const isGlobal = new Set(globals);
	const distinct = [...new Set(dilations)];
	const headMap = dilations.map((dilation) => distinct.indexOf(dilation));
	const before = (position: number) => Array.from({ length: position + 1 }, (_, key) => key);
	return startCachedDecoding(sizes, {
		name: "longformer",
		scale,
		partsOf,
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
