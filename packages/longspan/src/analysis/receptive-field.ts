import type { AttentionGraph } from "./graph.js";
import { type Reach, reachByLayer } from "./reach.js";

/** What a token knows of after a number of layers. */
export interface ReceptiveField {
	readonly layers: number;
	/** Mean number of nodes it knows of, itself included. */
	readonly mean: number;
	/** The fewest and the most any token knows of. */
	readonly fewest: number;
	readonly most: number;
	/** Largest distances to a node before and to one after it. */
	readonly before: number;
	readonly after: number;
}

/** Receptive fields after 1 to `layers` layers; those after the last layer that adds anything are as that one's. */
export function receptiveFields(graph: AttentionGraph, layers: number): ReceptiveField[] {
	const fields: ReceptiveField[] = [];
	for (const reach of reachByLayer(graph)) {
		if (fields.length === layers) break;
		fields.push(fieldOf(reach, fields.length + 1));
	}
	const last = fields[fields.length - 1] ?? { mean: 1, fewest: 1, most: 1, before: 0, after: 0 };
	while (fields.length < layers) fields.push({ ...last, layers: fields.length + 1 });
	return fields;
}

function fieldOf({ graph: { nodes, words, bits }, known }: Reach, layers: number): ReceptiveField {
	let [sum, fewest, most, before, after] = [0, nodes, 0, 0, 0];
	for (let node = 0; node < nodes; node++) {
		const row = bits.subarray(node * words, (node + 1) * words);
		const count = known[node] as number;
		sum += count;
		fewest = Math.min(fewest, count);
		most = Math.max(most, count);
		const first = row.findIndex((word) => word !== 0);
		const last = row.findLastIndex((word) => word !== 0);
		before = Math.max(before, node - (first * 32 + lowestBit(row[first] as number)));
		after = Math.max(after, last * 32 + 31 - Math.clz32(row[last] as number) - node);
	}
	return { layers, mean: sum / nodes, fewest, most, before, after };
}

function lowestBit(word: number): number {
	return 31 - Math.clz32(word & -word);
}
