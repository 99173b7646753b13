/** What a host ends with when another process has its data: the starter then looks for that one. As in sysexits.h. */
export const EXIT_DATA_IN_USE = 75;
