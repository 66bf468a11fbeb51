// The questions of TransferService about the past.
#pragma once

#include "hugang/v1/transfer_service.pb.h"
#include "services/edge/call.hpp"

namespace hugang::edge {

void get_transfer(Call& call, const v1::GetTransferRequest& request);
void list_transfers(Call& call, const v1::ListTransfersRequest& request);

}  // namespace hugang::edge
