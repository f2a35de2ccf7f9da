import type { Density } from "./pattern-density.js";

const shades = 8;

/** Cells of one shade as a path of rectangles one cell high. */
function shadePath({ cells, values }: Density, shade: number): string {
	// By the root, so that a line one pair wide is still seen; a sum of fractions may be a little above a whole one.
	const shadeOf = (cell: number) => Math.ceil(Math.sqrt(Math.min(1, values[cell] as number)) * shades - 1e-9);
	let path = "";
	for (let row = 0; row < cells; row++)
		for (let column = 0; column < cells; column++) {
			const start = column;
			while (column < cells && shadeOf(row * cells + column) === shade) column++;
			if (column > start) path += `M${start} ${row}h${column - start}v1h${start - column}z`;
		}
	return path;
}

/** The cells of a pattern in a square of `cells` units, the paler the fewer of a cell's pairs are connected. */
export function densityPaths(density: Density, fill: string): string {
	return Array.from({ length: shades }, (_, index) => {
		const path = shadePath(density, index + 1);
		return path && `<path d="${path}" fill="${fill}" fill-opacity="${(index + 1) / shades}"/>`;
	}).join("");
}

/** Hatching for what is not seen one by one, to be filled with by its name. */
export function hatchPattern(id: string, color: string): string {
	return `<pattern id="${id}" width="2" height="2" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="2" fill="${color}" fill-opacity="0.18"/><rect width="0.6" height="2" fill="${color}"/></pattern>`;
}
