import type { EncodedPlans } from "../backend.js";
import type { WasmEngine } from "./engine.js";

/** Rows and columns of a tile, and lanes of a strip (see kernels/softmax-attention/tile-plan.ts). */
export const tile = 64;
export const strip = 16;

/** Floats of the parts of a walk in scratch: a TileWalk, its VisibleColumns, and a TileSlots with its two lists. */
export const walkLength = 64;
export const visibleLength = 16;
export const slotsLength = 16 + 2 * tile;

/**
 * Runs `use` with the address of the plans and that of two counters the kernels add to: tiles visited and pairs of slots computed.
 * Then counts them as work, each pair as `flopsPerPair`.
 */
export function withPlans(
	engine: WasmEngine,
	{ words }: EncodedPlans,
	flopsPerPair: number,
	use: (plans: number, counters: number) => void,
): void {
	engine.withTemporary(words.byteLength, (plans) => {
		engine.withTemporary(16, (counters) => {
			engine.i32.set(words, plans / 4);
			const at = counters / 4;
			engine.i32.fill(0, at, at + 4);
			use(plans, counters);
			const { i32 } = engine;
			const counter = (index: number) => ((i32[index] as number) >>> 0) + (i32[index + 1] as number) * 2 ** 32;
			engine.countTiles(counter(at));
			engine.countFlops(flopsPerPair * counter(at + 2));
		});
	});
}
