import { type Declared, declarationsOf } from "../pretrained/parameters/declare.js";
import type { WeightSource } from "../pretrained/parameters/weight-source.js";
import { sizeOf } from "../tensor/shape.js";

/**
 * A checkpoint whose weights follow from their names, so that another implementation can be given the same ones and nothing but its
 * outputs need be stored. Element i of a weight is h / 2^32 - 1/2 (plus 1 for the scales of norms), in float32, where h is made of
 * i and the FNV-1a hash of the name in 32-bit arithmetic: h = (hash ^ i) · 0x9e3779b1, h ^= h >>> 15, h = h · 0x85ebca6b, h ^= h >>> 13.
 */
export function formulaWeights(declared: Declared): WeightSource {
	const shapes = new Map(declarationsOf(declared).map(({ name, shape }) => [name, shape]));
	return {
		location: "weights by formula",
		names: [...shapes.keys()],
		shapeOf: (name) => shapes.get(name),
		read: async (name, begin, end) => formulaValues(name, sizeOf(shapes.get(name) ?? [])).slice(begin, end),
	};
}

function formulaValues(name: string, count: number): Float32Array {
	let hash = 0x811c9dc5;
	for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
	const shift = name.includes("norm") && name.endsWith("weight") ? 0.5 : -0.5;
	return Float32Array.from({ length: count }, (_, index) => {
		let word = Math.imul(hash ^ index, 0x9e3779b1);
		word = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
		return ((word ^ (word >>> 13)) >>> 0) / 2 ** 32 + shift;
	});
}
