#include "clients/iso20022/extract.hpp"
#include "clients/iso20022/identifiers.hpp"

namespace hugang::iso20022 {
namespace {

PostalAddress address_at(const xmlNode* parent) {
  const xmlNode* node = child(parent, "PstlAdr");
  PostalAddress address;
  if (node == nullptr) return address;
  address.department = text_at(node, "Dept");
  address.sub_department = text_at(node, "SubDept");
  address.street = text_at(node, "StrtNm");
  address.building_number = text_at(node, "BldgNb");
  address.building_name = text_at(node, "BldgNm");
  address.floor = text_at(node, "Flr");
  address.post_box = text_at(node, "PstBx");
  address.room = text_at(node, "Room");
  address.post_code = text_at(node, "PstCd");
  address.town = text_at(node, "TwnNm");
  address.town_location = text_at(node, "TwnLctnNm");
  address.district = text_at(node, "DstrctNm");
  address.country_subdivision = text_at(node, "CtrySubDvsn");
  address.country = text_at(node, "Ctry");
  address.lines = texts_at(node, "AdrLine");
  return address;
}

/// The LEI below the node, "" when absent. The grammar has checked its form, not its check digits.
std::string lei_at(const xmlNode* parent, Extraction& state) {
  const xmlNode* node = child(parent, "LEI");
  std::string lei = text_of(node);
  if (node != nullptr && !is_lei(lei)) {
    state.refuse(node, ReadErrorCode::kBadLei, "BE15",
                 "the LEI " + quoted(lei) + " has wrong check digits: correct it or leave it out");
  }
  return lei;
}

Party read_party(const xmlNode* node, Extraction& state) {
  Party party;
  if (node == nullptr) return party;
  party.name = text_at(node, "Nm");
  party.address = address_at(node);
  party.country_of_residence = text_at(node, "CtryOfRes");
  const xmlNode* id = child(node, "Id");
  const xmlNode* organisation = child(id, "OrgId");
  const xmlNode* person = child(id, "PrvtId");
  party.bic = text_at(organisation, "AnyBIC");
  party.lei = lei_at(organisation, state);
  const xmlNode* birth = child(person, "DtAndPlcOfBirth");
  party.birth_date = date_at(birth, "BirthDt", state);
  party.birth_city = text_at(birth, "CityOfBirth");
  party.birth_country = text_at(birth, "CtryOfBirth");
  const xmlNode* holder = organisation == nullptr ? person : organisation;
  for (const xmlNode* other = child(holder, "Othr"); other != nullptr;
       other = next_element(other)) {
    if (name_of(other) == "Othr") party.other_ids.push_back(text_at(other, "Id"));
  }
  return party;
}

Agent read_agent(const xmlNode* node, Extraction& state) {
  Agent agent;
  const xmlNode* institution = child(node, "FinInstnId");
  agent.bic = text_at(institution, "BICFI");
  agent.lei = lei_at(institution, state);
  agent.name = text_at(institution, "Nm");
  agent.address = address_at(institution);
  const xmlNode* member = child(institution, "ClrSysMmbId");
  agent.clearing_system = code_at(member, "ClrSysId");
  agent.member_id = text_at(member, "MmbId");
  agent.other_id = text_at(child(institution, "Othr"), "Id");
  agent.branch_id = text_at(child(node, "BrnchId"), "Id");
  return agent;
}

}  // namespace

Party party_at(const xmlNode* parent, std::string_view name, Extraction& state) {
  return read_party(child(parent, name), state);
}

std::optional<Party> optional_party_at(const xmlNode* parent, std::string_view name,
                                       Extraction& state) {
  const xmlNode* node = child(parent, name);
  if (node == nullptr) return std::nullopt;
  return read_party(node, state);
}

Agent agent_at(const xmlNode* parent, std::string_view name, Extraction& state) {
  return read_agent(child(parent, name), state);
}

Agent party_or_agent_at(const xmlNode* parent, std::string_view name, Extraction& state) {
  const xmlNode* choice = child(parent, name);
  if (const xmlNode* agent = child(choice, "Agt")) return read_agent(agent, state);
  const Party party = read_party(child(choice, "Pty"), state);
  Agent agent;
  agent.bic = party.bic;
  agent.lei = party.lei;
  agent.name = party.name;
  agent.address = party.address;
  return agent;
}

Account account_at(const xmlNode* parent, std::string_view name, Extraction& state) {
  Account account;
  const xmlNode* node = child(parent, name);
  if (node == nullptr) return account;
  const xmlNode* id = child(node, "Id");
  account.iban = text_at(id, "IBAN");
  account.other = text_at(child(id, "Othr"), "Id");
  account.currency = text_at(node, "Ccy");
  account.name = text_at(node, "Nm");
  account.proxy = text_at(child(node, "Prxy"), "Id");
  if (const xmlNode* iban = child(id, "IBAN"); iban != nullptr && !is_iban(account.iban)) {
    state.refuse(iban, ReadErrorCode::kBadAccount, "AC01",
                 "the IBAN " + quoted(account.iban) + " is malformed or has wrong check digits");
  }
  return account;
}

}  // namespace hugang::iso20022
