import { type Bench, byBuild } from "../bench.js";
import { compare, speedFigure } from "../comparison.js";
import { matmulInputs } from "../inputs.js";
import { matmulContestant, ours } from "../longspan.js";
import { atLeast, type Figure, type Measurement, type Target } from "../report.js";
import type { Suite } from "./suite.js";

const sizes = [1024, 2048];
const checkedSize = 100;

/** Square matrix products. */
export const matmul: Suite = {
	summary: "matrix products, 1024 and 2048 cubed",
	async run(bench) {
		const measurements: Measurement[] = [];
		const figures: Figure[] = [];
		for (const size of sizes) {
			const result = await compare(bench, {
				label: `matmul ${size}`,
				ours: matmulContestant,
				peer: (peer) => peer.matmul?.bind(peer),
				small: matmulInputs(checkedSize),
				large: matmulInputs(size),
				flops: 2 * size ** 3,
			});
			measurements.push(...result.measurements.map((row) => ({ ...row, name: `${size} ${row.name}` })));
			for (const { name } of bench.peers)
				figures.push(
					...speedFigure(result.samples, ours, name, `${size}: speed relative to ${name}`, targetFor(bench, name)),
				);
		}
		return { title: "matmul: [n, n] times [n, n], float32", measurements, figures, notes: [] };
	},
};

function targetFor(bench: Bench, peer: string): Target | undefined {
	if (peer === "onnxruntime-node") return atLeast(byBuild(bench, 0.6, 1.1));
	return peer === "@jax-js/jax" ? atLeast(3) : undefined;
}
