// The audit log of the stand-in.

const entry = (id, at, of) => ({
  id,
  at: new Date(at).toISOString(),
  role: 'admin',
  address: null,
  session: null,
  exchanges: [],
  filter: null,
  count: null,
  detail: null,
  ...of,
});

/** The answer to `GET /audit`: entries of the minutes before `now`, the latest first. */
export function auditLog(now, { who = '', action = '', limit = '100' }) {
  const minutes = (number) => now - number * 60_000;
  const all = [
    entry(5, minutes(1), { who: 'me (uid 1000)', action: 'delete', filter: 'path:/health', count: 40 }),
    entry(4, minutes(2), {
      who: 'on call (page)',
      role: 'operator',
      address: '10.1.2.3',
      session: '0123456789ab',
      action: 'replay',
      exchanges: [1490],
      count: 1,
      detail: { new: 1500, edited: true },
    }),
    entry(3, minutes(4), {
      who: 'alice (page)',
      role: 'viewer',
      address: '10.1.2.4',
      session: 'ba9876543210',
      action: 'export',
      filter: 'host:api.example.com',
      count: 312,
      detail: { format: 'har', unsealed: false },
    }),
    entry(2, minutes(5), {
      who: 'alice (page)',
      role: 'viewer',
      address: '10.1.2.4',
      session: 'ba9876543210',
      action: 'read',
      exchanges: [1490],
      count: 1,
      detail: { parts: ['detail', 'body'] },
    }),
    entry(1, minutes(60), {
      who: 'me (uid 1000)',
      action: 'token',
      detail: { change: 'new', id: 1, name: 'alice', role: 'viewer' },
    }),
  ];
  const found = all.filter((one) => one.who.includes(who) && (action === '' || one.action === action));
  return { entries: found.slice(0, Number(limit)), next_before: null, lost: 0 };
}
