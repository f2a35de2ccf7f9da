import { TILE } from "./tile-plan";

// @ts-ignore: decorator
@inline const LIST_BYTES: usize = <usize>TILE << 2;

/**
 * The filled slots of one tile of rows or columns: empty slots, positions beyond the length and masked ones are left out, so that
 * what follows computes only what somebody may see. `positions` and `slots` hold `count` entries, and some valid ones after
 * them up to the next multiple of 4.
 */
@unmanaged
export class TileSlots {
	count: i32;
	/** Smallest and largest position. */
	low: i32;
	high: i32;
	/** 1 if the positions are first, first + 1, ... */
	adjacent: i32;

	/** Address of int32 original positions. */
	// @ts-ignore: decorator
	@inline
	get positions(): usize {
		return changetype<usize>(this) + 64;
	}

	/** Address of int32 slots inside the tile, which bitmaps are indexed by. */
	// @ts-ignore: decorator
	@inline
	get slots(): usize {
		return changetype<usize>(this) + 64 + LIST_BYTES;
	}

	// @ts-ignore: decorator
	@inline
	position(index: i32): i32 {
		return load<i32>(this.positions + ((<usize>index) << 2));
	}

	// @ts-ignore: decorator
	@inline
	slot(index: i32): i32 {
		return load<i32>(this.slots + ((<usize>index) << 2));
	}
}

/** Bytes of a TileSlots with its lists. */
export const TILE_SLOTS_BYTES: usize = 64 + 2 * LIST_BYTES;

/**
 * Loads the slots of a tile. `list` holds the positions of all tiles (-1: empty slot), 0 means identity order; `mask` has an int32
 * per position, 0 hides it; no mask if 0.
 */
export function loadSlots(target: TileSlots, list: usize, tile: i32, length: i32, mask: usize): void {
	if (list == 0 && mask == 0) loadRange(target, tile * TILE, min(TILE, length - tile * TILE));
	else loadList(target, list, tile * TILE, length, mask);
}

function loadRange(target: TileSlots, first: i32, count: i32): void {
	target.count = max(count, 0);
	target.low = first;
	target.high = first + count - 1;
	target.adjacent = 1;
	let slots = i32x4(0, 1, 2, 3);
	for (let at: usize = 0; at < LIST_BYTES; at += 16) {
		v128.store(target.slots + at, slots);
		v128.store(target.positions + at, i32x4.add(slots, i32x4.splat(first)));
		slots = i32x4.add(slots, i32x4.splat(4));
	}
}

function loadList(target: TileSlots, list: usize, first: i32, length: i32, mask: usize): void {
	let count = 0;
	let low = i32.MAX_VALUE;
	let high = i32.MIN_VALUE;
	let adjacent = true;
	for (let slot = 0; slot < TILE; slot++) {
		const index = first + slot;
		const position = list != 0 ? load<i32>(list + ((<usize>index) << 2)) : index;
		if (<u32>position >= <u32>length) continue;
		if (mask != 0 && load<i32>(mask + ((<usize>position) << 2)) == 0) continue;
		const at = (<usize>count) << 2;
		store<i32>(target.positions + at, position);
		store<i32>(target.slots + at, slot);
		if (count > 0 && position != high + 1) adjacent = false;
		low = min(low, position);
		high = max(high, position);
		count++;
	}
	for (let i = count; i < lanesOf(count); i++) {
		store<i32>(target.positions + ((<usize>i) << 2), target.position(count - 1));
		store<i32>(target.slots + ((<usize>i) << 2), target.slot(count - 1));
	}
	target.count = count;
	target.low = low;
	target.high = high;
	target.adjacent = i32(adjacent);
}

/** Lanes computed for `count` rows: a multiple of 4. */
// @ts-ignore: decorator
@inline
export function lanesOf(count: i32): i32 {
	return (count + 3) & ~3;
}
