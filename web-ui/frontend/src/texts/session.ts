// The session: roles, what is done to the recording as a whole, and signing out.

export const needsRole = (action: string, needed: string, own: string) =>
  `${action} needs the role ${needed}, and you have the role ${own}.`;
