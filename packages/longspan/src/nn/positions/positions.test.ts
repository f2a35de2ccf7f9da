import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type AxialOptions,
	type Device,
	full,
	init,
	matmul,
	multiHead,
	normal,
	normalInitializer,
	OptionError,
	type PositionParameters,
	type Positions,
	rotary,
	ShapeError,
	scope,
	slice,
	sum,
	treeTensors,
	vjp,
} from "../../index.js";
import { rowsOf } from "../../testing/dense-layers.js";
import { expectAllClose } from "../../testing/expect-close.js";
import { itRefuses } from "../../testing/refusals.js";
import { exactValues, expectGradients } from "../../testing/tensor-gradient.js";
import { axialPositions } from "./axial.js";
import { positionEmbedding } from "./index.js";
import { learnedPositions } from "./learned.js";
import { sinusoidalPositions } from "./sinusoidal.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const close = { relative: 1e-6, absolute: 1e-6 };

describe("axial positions", () => {
	const cases: readonly [name: string, options: AxialOptions, dim: number][] = [
		["concatenated", { shape: [3, 4] }, 7],
		["concatenated, given widths", { shape: [2, 3, 2], dims: [1, 4, 2] }, 7],
		["summed", { shape: [3, 4], combine: "summed" }, 5],
		["summed, three axes", { shape: [2, 3, 2], combine: "summed" }, 5],
	];

	it.each(cases)("are the rows of the table that loops build: %s", (_, options, dim) => {
		scope(() => {
			const { shape } = options;
			const positions = axialPositions(options, dim);
			const parameters = positions.initialize(normalInitializer(1));
			const tables = shape.map((_, axis) => rowsOf(parameters[`axis${axis}`] as never));
			const table = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, t) => {
				let rest = t;
				const coordinates = shape.toReversed().map((size) => {
					const own = rest % size;
					rest = Math.floor(rest / size);
					return own;
				});
				const rows = coordinates.toReversed().map((at, axis) => tables[axis]?.[at] as number[]);
				return options.combine === "summed"
					? rows.reduce((a, b) => a.map((x, c) => x + (b[c] as number)))
					: rows.flat();
			});
			for (const [from, length] of [
				[0, 12],
				[0, 5],
				[5, 1],
				[3, 7],
				[11, 1],
			] as const)
				expectAllClose(
					exactValues(positions.rows(parameters, from, length)),
					table.slice(from, from + length).flat(),
					close,
				);
		});
	});

	it.each(cases)("have the gradients that differences give: %s", (_, options, dim) => {
		scope(() => {
			const positions = axialPositions(options, dim);
			const parameters = positions.initialize(normalInitializer(1));
			const names = Object.keys(parameters);
			expectGradients(
				device,
				(...tables) =>
					positions.rows(Object.fromEntries(names.map((name, at) => [name, tables[at]])) as PositionParameters, 2, 7),
				treeTensors(parameters).map(({ shape }) => shape),
			);
		});
	});

	it("have as many weights as Reformer's for enwik8: 128 · 256 + 512 · 768", () => {
		scope(() => {
			const positions = axialPositions({ shape: [128, 512], dims: [256, 768] }, 1024);
			const count = treeTensors(positions.initialize(normalInitializer(1))).reduce(
				(total, { size }) => total + size,
				0,
			);
			expect(count).toBe(425_984);
		});
	});
});

describe("sinusoidal positions", () => {
	it("are sines and cosines in turn, wherever they begin, also of an odd width", () => {
		scope(() => {
			const positions = sinusoidalPositions(5);
			const expected = (t: number) => [
				Math.sin(t),
				Math.cos(t),
				Math.sin(t / 10_000 ** 0.4),
				Math.cos(t / 10_000 ** 0.4),
				Math.sin(t / 10_000 ** 0.8),
			];
			for (const [from, length] of [
				[0, 3],
				[7, 2],
				[7, 1],
				[0, 3],
			] as const)
				expectAllClose(
					exactValues(positions.rows({}, from, length)),
					Array.from({ length }, (_, t) => expected(from + t)).flat(),
					close,
				);
		});
	});
});

describe("learned positions", () => {
	it("are rows of a table, whose gradient reaches those alone", () => {
		scope(() => {
			const positions = learnedPositions(6, 3);
			const parameters = positions.initialize(normalInitializer(1));
			const table = parameters.table as NonNullable<(typeof parameters)[string]>;
			expect(exactValues(positions.rows(parameters, 2, 3))).toEqual(exactValues(slice(table, 0, 2, 5)));
			const { output, pullback } = vjp((own) => sum(positions.rows({ table: own }, 2, 3)), table);
			const [gradient] = pullback(output.shape.length ? output : sum(slice(table, 0, 0, 1)));
			expect(Array.from(exactValues(gradient as never)).map((value) => value !== 0)).toEqual(
				Array.from({ length: 18 }, (_, at) => at >= 6 && at < 15),
			);
		});
	});
});

describe("rotary", () => {
	it("gives products that depend on the distance alone, and keeps lengths", () => {
		scope(() => {
			const turn = rotary(6);
			const [q, k] = [1, 2].map((seed) => normal([1, 1, 1, 6], { seed })) as [
				ReturnType<typeof normal>,
				ReturnType<typeof normal>,
			];
			const score = (i: number, j: number) =>
				exactValues(matmul(turn(q, i), turn(k, j), { transposeB: true }))[0] as number;
			expect(score(9, 4)).toBeCloseTo(score(5, 0), 6);
			expect(score(4, 9)).toBeCloseTo(score(0, 5), 6);
			expect(score(9, 4)).not.toBeCloseTo(score(4, 9), 3);
			expect(score(7, 7)).toBeCloseTo(exactValues(matmul(q, k, { transposeB: true }))[0] as number, 6);
		});
	});

	it("turns each pair by position · 10000^(-2i/d), in a whole sequence and from any position on", () => {
		scope(() => {
			const turn = rotary(4);
			const x = normal([2, 3, 8, 4], { seed: 1 });
			const [values, turned] = [rowsOf(x), turn(x, 0)];
			rowsOf(turned).forEach((row, at) => {
				const [a, b, c, d] = values[at] as [number, number, number, number];
				const [one, two] = [at % 8, (at % 8) / 100];
				expectAllClose(
					row,
					[
						...[a * Math.cos(one) - c * Math.sin(one), b * Math.cos(two) - d * Math.sin(two)],
						...[c * Math.cos(one) + a * Math.sin(one), d * Math.cos(two) + b * Math.sin(two)],
					],
					close,
				);
			});
			expect(exactValues(turn(slice(x, 2, 5), 5))).toEqual(exactValues(slice(turned, 2, 5)));
		});
	});

	it("has the gradients that differences give", () => {
		expectGradients(device, (x) => rotary(4)(x, 3), [[1, 2, 5, 4]]);
	});

	it("is what a layer asks for by where its session is", () => {
		scope(() => {
			const layer = multiHead({ dim: 8, heads: 2, attention: full({ causal: true }), rotary: true });
			const parameters = layer.initialize(normalInitializer(1));
			const x = normal([1, 6, 8], { seed: 2 });
			const whole = exactValues(layer.apply(parameters, x));
			const session = layer.startDecoding(1);
			session.append(parameters, slice(x, 1, 0, 4));
			for (const at of [4, 5])
				expectAllClose(
					exactValues(session.append(parameters, slice(x, 1, at, at + 1))),
					whole.slice(8 * at, 8 * at + 8),
					close,
				);
			session.dispose();
		});
	});
});

itRefuses(
	() => device,
	[
		[
			"axial widths that do not add up",
			() => axialPositions({ shape: [2, 3], dims: [1, 2] }, 4),
			OptionError,
			/axial positions: dims is \[1, 2\]; expected 2 widths that add up to dim, 4/,
		],
		[
			"an axial width too few",
			() => axialPositions({ shape: [2, 3], dims: [4] }, 4),
			OptionError,
			/dims is \[4\]; expected 2 widths/,
		],
		["more axes than channels", () => axialPositions({ shape: [2, 3] }, 1), OptionError, /dims is 0/],
		[
			"widths of summed axes",
			() => axialPositions({ shape: [2, 3], dims: [2, 2], combine: "summed" }, 4),
			OptionError,
			/dims is given; summed axes have all 4 channels/,
		],
		["no axes", () => axialPositions({ shape: [] }, 4), OptionError, /shape is empty/],
		["an axis of size 0", () => axialPositions({ shape: [4, 0] }, 4), OptionError, /shape is 0/],
		[
			"an unknown combination",
			() => axialPositions({ shape: [4], combine: "product" as "summed" }, 4),
			OptionError,
			/combine is "product"/,
		],
		[
			"positions beyond the grid",
			() => {
				const positions = axialPositions({ shape: [2, 3] }, 4);
				return positions.rows(positions.initialize(normalInitializer(1)), 4, 3);
			},
			ShapeError,
			/axial positions: the sequence has a length of 7; expected at most 6: use a larger shape/,
		],
		[
			"positions beyond the table",
			() => {
				const positions = learnedPositions(5, 4);
				return positions.rows(positions.initialize(normalInitializer(1)), 5, 1);
			},
			ShapeError,
			/learned positions: the sequence has a length of 6; expected at most 5: use a larger maxLength/,
		],
		[
			"learned positions without a length",
			() => positionEmbedding("model", "learned", undefined, 4),
			OptionError,
			/model: maxLength is undefined/,
		],
		[
			"unknown positions",
			() => positionEmbedding("model", "alibi" as Positions, 4, 4),
			OptionError,
			/model: positions is "alibi"/,
		],
		["rotary of an odd width", () => rotary(3), OptionError, /rotary: headDim is 3; expected an even number/],
	],
);
