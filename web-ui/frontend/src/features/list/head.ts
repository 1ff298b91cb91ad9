// Actions of the titles of the list's columns.
import type { Order } from '../../api/types';
import type { ColumnChoice } from '../../stores/columns.svelte';
import type { Exchanges } from '../../stores/exchanges.svelte';
import type { HeadActions } from '../../ui/grid';
import { COLUMNS, type ListColumn } from './columns';

/** Actions for the titles of `columns`, those that are shown. */
export function headActions(
  app: { columns: ColumnChoice; exchanges: Exchanges; sort: (order: Order | null) => void },
  columns: () => readonly ListColumn[],
): HeadActions {
  const { columns: choice, exchanges } = app;
  /** Has all columns in an order in which the shown ones are as in `shown`. */
  const arrange = (shown: readonly string[]) => {
    const others = choice
      .sorted(COLUMNS)
      .map(({ id }) => id)
      .filter((id) => !shown.includes(id));
    choice.arrange([...shown, ...others]);
  };
  const ids = () => columns().map(({ id }) => id);
  return {
    get sorted() {
      const { order } = exchanges.list;
      const column = order === null ? undefined : COLUMNS.find(({ sort }) => sort === order.by);
      return order === null || column === undefined ? null : { id: column.id, order: order.order };
    },
    onsort: (id) => {
      const by = COLUMNS.find((column) => column.id === id)?.sort;
      if (by === undefined) return;
      const now = exchanges.list.order;
      if (now?.by !== by) app.sort({ by, order: 'desc' });
      else app.sort(now.order === 'desc' ? { by, order: 'asc' } : null);
    },
    onresize: (id, width) => choice.resize(id, width),
    onmove: (id, step) => {
      const order = ids();
      const at = order.indexOf(id);
      const other = order[at + step];
      if (other === undefined) return;
      [order[at], order[at + step]] = [other, id];
      arrange(order);
    },
    ondrop: (id, before) => {
      const order = ids().filter((other) => other !== id);
      order.splice(order.indexOf(before), 0, id);
      arrange(order);
    },
  };
}
