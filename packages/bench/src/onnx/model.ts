import { type Bytes, floatField, floatsField, integerField, joinBytes, messageField, stringField } from "./protobuf.js";

/** Contributed operators of ONNX Runtime live in this domain. */
export const microsoftDomain = "com.microsoft";

const irVersion = 8;
const opsetVersion = 17;
const floatElements = 1;

/** Strings and numbers; a number is an integer attribute unless wrapped in `float`. */
export type Attributes = Readonly<Record<string, string | number | { readonly float: number }>>;

/** An operator applied to named values; "" stands for an optional input that is left out. */
export interface GraphNode {
	readonly operator: string;
	/** Default: the standard operators. */
	readonly domain?: string;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes?: Attributes;
}

/** Operators in the order in which they run. All values are float32. */
export interface Graph {
	readonly name: string;
	readonly nodes: readonly GraphNode[];
	/** Shapes by name; a text stands for a size that differs from call to call. */
	readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
	readonly outputs: Readonly<Record<string, readonly (number | string)[]>>;
	readonly weights?: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
}

export interface OperatorModel extends Omit<GraphNode, "inputs" | "outputs"> {
	/** Shapes of float32 inputs and outputs by name, in the operator's order. */
	readonly inputs: Readonly<Record<string, readonly number[]>>;
	readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/** A serialised ONNX model of a single node, a few hundred bytes: neither a converter nor a model file is needed. */
export function operatorModel({ inputs, outputs, ...node }: OperatorModel): Uint8Array {
	return graphModel({
		name: node.operator,
		nodes: [{ ...node, inputs: Object.keys(inputs), outputs: Object.keys(outputs) }],
		inputs,
		outputs,
	});
}

/** A serialised ONNX model. Field numbers are those of onnx.proto3. */
export function graphModel({ name, nodes, inputs, outputs, weights = {} }: Graph): Uint8Array {
	const graph = [
		...nodes.map((node) => messageField(1, ...nodeFields(node))),
		stringField(2, name),
		...Object.entries(weights).map(([weight, { shape, values }]) =>
			messageField(
				5,
				...shape.map((size) => integerField(1, size)),
				integerField(2, floatElements),
				stringField(8, weight),
				floatsField(9, values),
			),
		),
		...Object.entries(inputs).map(([input, shape]) => messageField(11, ...valueInfo(input, shape))),
		...Object.entries(outputs).map(([output, shape]) => messageField(12, ...valueInfo(output, shape))),
	];
	return joinBytes([
		integerField(1, irVersion),
		messageField(7, ...graph),
		operatorSet("", opsetVersion),
		operatorSet(microsoftDomain, 1),
	]);
}

function nodeFields({ operator, domain = "", inputs, outputs, attributes = {} }: GraphNode): Bytes[] {
	return [
		...inputs.map((input) => stringField(1, input)),
		...outputs.map((output) => stringField(2, output)),
		stringField(4, operator),
		...Object.entries(attributes).map(([name, value]) => messageField(5, ...attribute(name, value))),
		stringField(7, domain),
	];
}

function attribute(name: string, value: string | number | { readonly float: number }): Bytes[] {
	const named = stringField(1, name);
	if (typeof value === "string") return [named, stringField(4, value), integerField(20, 3)];
	if (typeof value === "number") return [named, integerField(3, value), integerField(20, 2)];
	return [named, floatField(2, value.float), integerField(20, 1)];
}

function valueInfo(name: string, shape: readonly (number | string)[]): Bytes[] {
	const dimensions = shape.map((size) =>
		messageField(1, typeof size === "string" ? stringField(2, size) : integerField(1, size)),
	);
	const tensorType = messageField(1, integerField(1, floatElements), messageField(2, ...dimensions));
	return [stringField(1, name), messageField(2, tensorType)];
}

function operatorSet(domain: string, version: number): Bytes {
	return messageField(8, stringField(1, domain), integerField(2, version));
}
