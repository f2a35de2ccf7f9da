/** How a packed matrix keeps its elements. Shared by the AssemblyScript module and its TypeScript host. */
export enum PackedFormat {
	/** Not packed. */
	none = -1,
	float32 = 0,
	/** Times a power of two of each output. */
	float16 = 1,
	bfloat16 = 2,
	/** Numbers from -127 to 127, times a float32 of each output. */
	int8 = 3,
}
