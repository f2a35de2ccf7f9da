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

/** Checks an option that names one of several choices. */
export function checkChoice(operation: string, name: string, value: unknown, choices: readonly string[]): void {
	if (typeof value === "string" && choices.includes(value)) return;
	const quoted = choices.map((choice) => `"${choice}"`);
	const list = [quoted.slice(0, -1).join(", "), ...quoted.slice(-1)].filter(Boolean).join(" or ");
	throw new OptionError(`${operation}: ${name} is ${describe(value)}; expected ${list}`);
}

function describe(value: unknown): string {
	return typeof value === "string" ? `"${value}"` : Array.isArray(value) ? "an array" : String(value);
}
