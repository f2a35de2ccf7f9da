/** Arguments of the matmul kernel, in the order in which the host writes them. Strides are in bytes. */
@unmanaged
export class MatmulArguments {
	/** A `MatmulMethod`. */
	method!: i32;
	a!: usize;
	b!: usize;
	out!: usize;
	m!: i32;
	n!: i32;
	k!: i32;
	aBatchStride!: usize;
	bBatchStride!: usize;
	transposeA!: i32;
	transposeB!: i32;
	/** Items are blocks of rows and columns of one product; blocks of columns vary fastest. */
	rowBlock!: i32;
	rowBlocks!: i32;
	columnBlock!: i32;
	columnBlocks!: i32;
	/** Depth summed in registers at a time, at least 1 unless k is 0. */
	depthBlock!: i32;
	/** 1 to copy blocks of a, or to pack blocks of b, before they are used. */
	copyA!: i32;
	packB!: i32;
	/** Offsets in scratch: a row of sums (`MatmulMethod.row`) or one word, the packed block of b, the copied block of a. */
	sums!: usize;
	packed!: usize;
	copied!: usize;
	/** The `PackedFormat` of b, which then has `padded` columns. */
	bFormat!: i32;
	padded!: i32;
	/** What is done to sums: times a factor and plus a bias of each column (0: none), then a `UnaryCode` (-1: none). */
	scales!: usize;
	bias!: usize;
	activation!: i32;
}
