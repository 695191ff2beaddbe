#include <config.h>
#include "apply/nat-foreign.h"
void
nat_foreign_look(struct nft_ctx *nft, const char *device,
                 struct problems *problems)
{
}
