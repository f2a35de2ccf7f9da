import { RunningStateSize } from "../running-state/running-state-size";
import { scaleAndAdd, scaleVector } from "./vectors";

/**
 * A decayed sum over very many chunks in float32. New terms go to `recent`, which is folded into `base` after some chunks:
 * rounding errors then grow with the square root of the number of chunks, and so do those of the decay, which
 * `base` suffers only once a fold, from an exponent kept in float64.
 */
@unmanaged
export class LongSum {
	/** Sum of log decays since the last fold. */
	logDecay!: f64;
	/** Floats of the sum. */
	length!: i32;
	base!: usize;
	/** Where the caller adds the terms of a chunk, after `decay` and before `finish`. */
	recent!: usize;
	/** Chunks since the last fold. */
	chunks!: i32;

	/** Starts from zero; `memory` holds 2 * length floats. */
	static at(header: usize, memory: usize, length: i32): LongSum {
		const sum = changetype<LongSum>(header);
		sum.length = length;
		sum.base = memory;
		sum.recent = memory + (<usize>length << 2);
		sum.clear();
		return sum;
	}

	clear(): void {
		memory.fill(this.base, 0, <usize>this.length << 2);
		this.restart();
	}

	/** After `base` was replaced. */
	restart(): void {
		memory.fill(this.recent, 0, <usize>this.length << 2);
		this.logDecay = 0;
		this.chunks = 0;
	}

	/** Applies a chunk's decay to everything summed so far. */
	decay(logDecay: f64): void {
		this.logDecay += logDecay;
		scaleVector(this.length, <f32>Math.exp(logDecay), this.recent, this.recent);
	}

	/** Ends a chunk: writes the whole sum to `total`. */
	finish(total: usize): void {
		scaleAndAdd(this.length, <f32>Math.exp(this.logDecay), this.base, this.recent, total);
		if (++this.chunks == RunningStateSize.fold) {
			memory.copy(this.base, total, <usize>this.length << 2);
			this.restart();
		}
	}
}
