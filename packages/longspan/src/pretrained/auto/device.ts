import { OptionError } from "../../errors.js";
import { init } from "../../init.js";
import { describe } from "../../ops/operands.js";
import { currentDevice, Device, hasCurrentDevice } from "../../tensor/device.js";

/** A device, or the name of one. */
export type DeviceChoice = Device | "wasm" | "reference";

/** The device a model is loaded on: the one given, the current one if it is of the kind asked for, or a new one of that kind. */
export async function deviceOf(operation: string, choice?: DeviceChoice): Promise<Device> {
	if (choice instanceof Device) return choice;
	if (choice !== undefined && choice !== "wasm" && choice !== "reference")
		throw new OptionError(
			`${operation}: device is ${describe(choice)}; expected "wasm", "reference" or a device that init() returned`,
		);
	if (hasCurrentDevice() && (choice === undefined || currentDevice().backend.name === choice)) return currentDevice();
	return init(choice === undefined ? {} : { device: choice });
}
