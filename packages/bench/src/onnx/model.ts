import { type Bytes, floatField, integerField, messageField, stringField } from "./protobuf.js";

/** Contributed operators of ONNX Runtime live in this domain. */
export const microsoftDomain = "com.microsoft";

const irVersion = 8;
const opsetVersion = 17;
const floatElements = 1;

export interface OperatorModel {
	readonly operator: string;
	/** Default: the standard operators. */
	readonly domain?: string;
	/** Shapes of float32 inputs and outputs by name, in the operator's order. */
	readonly inputs: Readonly<Record<string, readonly number[]>>;
	readonly outputs: Readonly<Record<string, readonly number[]>>;
	/** Strings and numbers; a number is an integer attribute unless wrapped in `float`. */
	readonly attributes?: Readonly<Record<string, string | number | { readonly float: number }>>;
}

/**
 * A serialised ONNX model of a single node. Field numbers are those of onnx.proto3; the models are a few hundred bytes, so
 * that neither a converter nor a model file is needed.
 */
export function operatorModel({ operator, domain = "", inputs, outputs, attributes = {} }: OperatorModel): Uint8Array {
	const node = [
		...Object.keys(inputs).map((name) => stringField(1, name)),
		...Object.keys(outputs).map((name) => stringField(2, name)),
		stringField(4, operator),
		...Object.entries(attributes).map(([name, value]) => messageField(5, attribute(name, value))),
		stringField(7, domain),
	];
	const graph = [
		messageField(1, ...node),
		stringField(2, operator),
		...Object.entries(inputs).map(([name, shape]) => messageField(11, valueInfo(name, shape))),
		...Object.entries(outputs).map(([name, shape]) => messageField(12, valueInfo(name, shape))),
	];
	return Uint8Array.from(
		[
			integerField(1, irVersion),
			messageField(7, ...graph),
			operatorSet("", opsetVersion),
			operatorSet(microsoftDomain, 1),
		].flat(),
	);
}

function attribute(name: string, value: string | number | { readonly float: number }): Bytes {
	const named = stringField(1, name);
	if (typeof value === "string") return [...named, ...stringField(4, value), ...integerField(20, 3)];
	if (typeof value === "number") return [...named, ...integerField(3, value), ...integerField(20, 2)];
	return [...named, ...floatField(2, value.float), ...integerField(20, 1)];
}

function valueInfo(name: string, shape: readonly number[]): Bytes {
	const dimensions = shape.map((size) => messageField(1, integerField(1, size)));
	const tensorType = messageField(1, integerField(1, floatElements), messageField(2, ...dimensions));
	return [...stringField(1, name), ...messageField(2, tensorType)];
}

function operatorSet(domain: string, version: number): Bytes {
	return messageField(8, stringField(1, domain), integerField(2, version));
}
