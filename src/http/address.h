/* http/address.h: which network addresses our own requests may go to. Pure.
 *
 * The check is made on the address that is about to be connected, so a name that resolves to something else the second
 * time gains nothing. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

enum address_class {
	ADDRESS_PUBLIC,	 /* anybody's server */
	ADDRESS_PRIVATE, /* loopback, RFC 1918, carrier-grade NAT, unique local: a demo may call it */
	ADDRESS_NEVER,	 /* link-local (cloud metadata), multicast, unspecified, reserved, tunnels, not an IP address */
};

/* IPv4 addresses in IPv6 clothes (mapped) are judged as what they carry. `length` is the size of what `address` points
 * at. */
enum address_class address_class(const struct sockaddr *address, size_t length);
