/** Arrays one after another in a thread's scratch, each 64-byte aligned. */
export class ScratchLayout {
	/** Of each array, in bytes. */
	readonly offsets: readonly number[];
	/** Of all. */
	readonly bytes: number;

	/** Takes the number of floats of each array. */
	constructor(counts: readonly number[]) {
		let bytes = 0;
		this.offsets = counts.map((count) => {
			const offset = bytes;
			bytes += Math.ceil((count * 4) / 64) * 64;
			return offset;
		});
		this.bytes = bytes;
	}
}
