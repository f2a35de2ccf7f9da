import { Matrix, SingularValueDecomposition } from "ml-matrix";

/** Singular values of a square matrix given row by row, largest first. */
export function singularValues(values: ArrayLike<number>, size: number): number[] {
	const matrix = new Matrix(size, size);
	for (let row = 0; row < size; row++)
		for (let column = 0; column < size; column++) matrix.set(row, column, values[row * size + column] as number);
	return new SingularValueDecomposition(matrix, {
		computeLeftSingularVectors: false,
		computeRightSingularVectors: false,
	}).diagonal;
}
