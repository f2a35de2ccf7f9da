/** Four rows of four floats become four columns. */
// @ts-ignore: decorator
@inline
function transposeTile(source: usize, sourceStride: usize, target: usize, targetStride: usize): void {
	const a = v128.load(source);
	const b = v128.load(source + sourceStride);
	const c = v128.load(source + 2 * sourceStride);
	const d = v128.load(source + 3 * sourceStride);
	const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
	const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
	const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
	const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
	v128.store(target, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
	v128.store(target + targetStride, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7));
	v128.store(target + 2 * targetStride, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
	v128.store(target + 3 * targetStride, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
}

/** target[column, row] = source[row, column] for a block of floats. Strides of rows in bytes; reads and writes nothing outside. */
export function transposeBlock(
	rows: i32,
	columns: i32,
	source: usize,
	sourceStride: usize,
	target: usize,
	targetStride: usize,
): void {
	let row = 0;
	for (; row <= rows - 4; row += 4) {
		const from = source + <usize>row * sourceStride;
		const to = target + (<usize>row << 2);
		let column = 0;
		for (; column <= columns - 4; column += 4) {
			transposeTile(from + (<usize>column << 2), sourceStride, to + <usize>column * targetStride, targetStride);
		}
		for (; column < columns; column++) {
			for (let r = 0; r < 4; r++) {
				const value = load<f32>(from + <usize>r * sourceStride + (<usize>column << 2));
				store<f32>(to + <usize>column * targetStride + (<usize>r << 2), value);
			}
		}
	}
	for (; row < rows; row++) {
		const from = source + <usize>row * sourceStride;
		const to = target + (<usize>row << 2);
		for (let column = 0; column < columns; column++) {
			store<f32>(to + <usize>column * targetStride, load<f32>(from + (<usize>column << 2)));
		}
	}
}
