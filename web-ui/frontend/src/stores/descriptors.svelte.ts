// The types of Protocol Buffers that dashcam keeps, with which it shows bodies.
import { fetchDescriptors, keepDescriptors, removeDescriptors } from '../api/body_calls';
import { messageOf } from '../api/error';
import type { DescriptorSet } from '../api/types';

const NONE: DescriptorSet = { size: 0, files: [], messages: [], methods: [] };

export class Descriptors {
  set = $state.raw<DescriptorSet>(NONE);
  error = $state<string | null>(null);
  busy = $state(false);
  /** Grows when the set is another one: what was shown with it is out of date. */
  revision = $state(0);

  load(): Promise<void> {
    return this.#try(async () => (this.set = await fetchDescriptors()));
  }

  /** Keeps a file that `protoc` wrote, in place of the set that there is. */
  keep(file: Blob): Promise<void> {
    return this.#change(async () => (this.set = await keepDescriptors(file)));
  }

  remove(): Promise<void> {
    return this.#change(async () => {
      await removeDescriptors();
      this.set = NONE;
    });
  }

  #change(change: () => Promise<unknown>): Promise<void> {
    return this.#try(async () => {
      await change();
      this.revision += 1;
    });
  }

  async #try(call: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    try {
      await call();
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
    this.busy = false;
  }
}
