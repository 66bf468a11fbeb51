#include "services/peer/peer_links.hpp"

#include <utility>

#include "services/peer/link_set.hpp"

namespace hugang::peer {

std::expected<std::unique_ptr<PeerLinks>, std::string> PeerLinks::create(
    PeerLinksConfig config, node::CommandPort& commands, node::ReadPort& reads,
    const node::Clock& clock) {
  auto keys = SigningKeys::load(config.signing_key_files);
  if (!keys) return std::unexpected{keys.error()};
  auto set = std::make_shared<LinkSet>(std::move(config), *std::move(keys), commands, reads, clock);
  return std::unique_ptr<PeerLinks>{new PeerLinks{std::move(set)}};
}

PeerLinks::PeerLinks(std::shared_ptr<LinkSet> set) : set_{std::move(set)} {}
PeerLinks::~PeerLinks() { stop(); }

grpc::Service& PeerLinks::service() { return set_->service(); }
void PeerLinks::start() { set_->start(); }
void PeerLinks::stop() { set_->stop(); }
bool PeerLinks::can_sign_with(base::KeyId key) const { return set_->can_sign_with(key); }
std::vector<LinkStatus> PeerLinks::status() const { return set_->status(); }
void PeerLinks::on_durable(const node::DurableEntry& entry) { set_->on_durable(entry); }

}  // namespace hugang::peer
