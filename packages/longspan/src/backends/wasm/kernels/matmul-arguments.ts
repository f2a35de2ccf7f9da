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
	/** 1 to copy blocks of a, or of b, to scratch before they are used. */
	copyA!: i32;
	packB!: i32;
}
