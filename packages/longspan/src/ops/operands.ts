import type { DType } from "../backends/backend.js";
import { DeviceError, DTypeError, OptionError } from "../errors.js";
import type { Device } from "../tensor/device.js";
import { Tensor } from "../tensor/tensor.js";

/**
 * Checks the tensors of an operation, by argument name: tensors at all, of the given type, alive, on one device.
 * Returns that device.
 */
export function checkOperands(
	operation: string,
	operands: Readonly<Record<string, Tensor<DType>>>,
	dtype: DType | "any" = "float32",
): Device {
	let device: Device | null = null;
	for (const name in operands) {
		const operand = operands[name] as Tensor<DType>;
		if (!(operand instanceof Tensor))
			throw new DTypeError(`${operation}: argument ${name} is ${describe(operand)}; expected a tensor`);
		if (dtype !== "any" && operand.dtype !== dtype)
			throw new DTypeError(`${operation}: argument ${name} is an ${operand.dtype} tensor; expected ${dtype}`);
		const own = operand.device;
		if (device && own !== device)
			throw new DeviceError(
				`${operation}: argument ${name} is on device "${own.description}", the others on "${device.description}"`,
			);
		device = own;
	}
	return device as Device;
}

/** Checks a numeric option. */
export function checkNumber(
	operation: string,
	name: string,
	value: number,
	{
		min = Number.NEGATIVE_INFINITY,
		max = Number.POSITIVE_INFINITY,
		integer = false,
	}: { min?: number; max?: number; integer?: boolean } = {},
): void {
	if (
		typeof value === "number" &&
		Number.isFinite(value) &&
		value >= min &&
		value <= max &&
		(!integer || Number.isInteger(value))
	)
		return;
	const kind = integer ? "an integer" : "a finite number";
	const low = min > Number.NEGATIVE_INFINITY ? ` of at least ${min}` : "";
	const high = max < Number.POSITIVE_INFINITY ? `${low ? " and" : ""} of at most ${max}` : "";
	throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected ${kind}${low}${high}`);
}

/** Checks an option that is true or false. */
export function checkFlag(operation: string, name: string, value: unknown): void {
	if (typeof value !== "boolean")
		throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected true or false`);
}

/** Checks an option that names one of several choices. */
export function checkChoice(operation: string, name: string, value: unknown, choices: readonly string[]): void {
	if (typeof value === "string" && choices.includes(value)) return;
	const quoted = choices.map((choice) => `"${choice}"`);
	const list = [quoted.slice(0, -1).join(", "), ...quoted.slice(-1)].filter(Boolean).join(" or ");
	throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected ${list}`);
}

/** Checks an option that is a part of something: 0 is none, and all is too much. */
export function checkShare(operation: string, name: string, value: number): void {
	if (!(typeof value === "number" && value >= 0 && value < 1))
		throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected a number from 0 to below 1`);
}

/** Checks an argument that is called. */
export function checkFunction(operation: string, name: string, value: unknown): void {
	if (typeof value !== "function")
		throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected a function`);
}

/** Checks an argument that is a list. */
export function checkList(operation: string, name: string, value: unknown, of: string): void {
	if (!(Array.isArray(value) || ArrayBuffer.isView(value)))
		throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected a list of ${of}`);
}

/** Checks an argument whose properties are read. */
export function checkObject(operation: string, name: string, value: unknown): void {
	if (typeof value !== "object" || value === null)
		throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected an object`);
}

/** Every option of a type by name, so that a new one cannot be forgotten. */
export type OptionNames<Options> = { readonly [name in keyof Options]-?: true };

/**
 * Checks that options are an object and that all their names are known: a misspelt one would count as not given.
 *
 * @param argument what the options are called in errors, if they are not those of the whole operation
 */
export function checkOptions<Options extends object>(
	operation: string,
	options: Options,
	names: OptionNames<NoInfer<Options>>,
	argument = "options",
): void {
	checkObject(operation, argument, options);
	for (const name of Object.keys(options))
		if (!Object.hasOwn(names, name))
			throw new OptionError(
				`${operation}: ${argument === "options" ? "" : `${argument}.`}${name} is no option; expected ${Object.keys(names).join(", ")}`,
			);
}

/** A value of a wrong kind, for errors. */
export function describe(value: unknown): string {
	if (typeof value === "string") return `"${value}"`;
	if (typeof value === "function") return value.name ? `the function ${value.name}` : "a function";
	if (Array.isArray(value)) return "an array";
	return typeof value === "object" && value !== null && !(value instanceof Tensor) ? "an object" : String(value);
}
