/** Weights by name, as a checkpoint holds them: read piece by piece, so that no file need be in memory as a whole. */
export interface WeightSource {
	/** Where they are, for errors. */
	readonly location: string;
	readonly names: readonly string[];
	/** The shape of a weight; undefined if there is none of this name. */
	shapeOf(name: string): readonly number[] | undefined;
	/** Elements `begin` to `end` of a weight, counted row by row, as float32. */
	read(name: string, begin: number, end: number): Promise<Float32Array>;
}
