// What the person at the page must be told, and whether the page may still ask anything.
import { messageOf } from '../api/error';

export interface Notice {
  id: number;
  kind: 'error' | 'info';
  text: string;
  topic: string;
}

const INFO_MS = 4000;

/** Short messages at the page's edge. Errors stay until they are closed. */
export class Notices {
  list = $state<Notice[]>([]);
  /** Whether the API has stopped knowing this browser (401). */
  locked = $state(false);
  #next = 1;

  /** Tells of a failed action: "Could not delete exchange 7: …". */
  failed(what: string, error: unknown): void {
    this.#add('error', `${what}: ${messageOf(error)}`);
  }

  /** Tells of something that went wrong without an action; in place of what was last told about `topic`. */
  warn(topic: string, text: string): void {
    this.settle(topic);
    this.#add('error', text, topic);
  }

  /** What was told about `topic` is so no longer. */
  settle(topic: string): void {
    this.list = this.list.filter((notice) => notice.topic !== topic);
  }

  /** Tells of something done; goes away by itself. */
  info(text: string): void {
    const id = this.#add('info', text);
    setTimeout(() => this.close(id), INFO_MS);
  }

  close(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #add(kind: Notice['kind'], text: string, topic = ''): number {
    const same = this.list.find((notice) => notice.text === text);
    if (same !== undefined) return same.id;
    const id = this.#next++;
    this.list.push({ id, kind, text, topic });
    return id;
  }
}
