import { describe, expect, it } from "vitest";
import { planCopy } from "./copy-plan.js";
import { CopyMode } from "./kernels/elementwise/copy-mode.js";

const plan = (shape: number[], sourceStrides: number[], targetStrides: number[]) =>
	planCopy({ shape, sourceOffset: 0, sourceStrides, targetOffset: 0, targetStrides });

describe("planCopy", () => {
	it("makes one row of whole arrays", () => {
		expect(plan([2, 3, 4], [12, 4, 1], [12, 4, 1])).toMatchObject({ mode: CopyMode.rows, nest: { shape: [24] } });
	});

	it("keeps contiguous rows when heads are split off", () => {
		expect(plan([2, 8, 50, 64], [25600, 64, 512, 1], [25600, 3200, 64, 1])).toMatchObject({
			mode: CopyMode.rows,
			nest: { shape: [2, 8, 50, 64] },
		});
	});

	it("transposes tiles, whatever the order of the axes in the layout", () => {
		const expected = { mode: CopyMode.transpose, nest: { shape: [100, 300] }, items: 2 * 5 };
		expect(plan([100, 300], [1, 100], [300, 1])).toMatchObject(expected);
		expect(plan([300, 100], [100, 1], [1, 300])).toMatchObject(expected);
	});

	it("fills rows from a broadcast source", () => {
		expect(plan([6, 100], [1, 0], [100, 1])).toMatchObject({ mode: CopyMode.fill, items: 6 });
	});

	it("has nothing to do for no elements", () => {
		expect(plan([3, 0], [0, 1], [0, 1])).toBeNull();
	});
});
