// A small state with something of everything in it: open holds, settlements in every status, a
// return, waiting rules, two keys, reconciliations, a halted channel, messages in the outbox.
#pragma once

#include "tests/scenario/script.hpp"

namespace hugang::machine::test {

inline constexpr const char* kSmallWorld = R"(
city shanghai 1
city hongkong 2
peers shanghai hongkong
asset CNY.D 1 issuer shanghai scale 2
asset HKD 2 issuer hongkong scale 2
corridor shanghai hongkong CNY.D
corridor shanghai hongkong HKD
participant icbc in shanghai named "ICBC 中国工商银行"
participant hsbc in hongkong named "HSBC 滙豐"
participant gone in shanghai
shanghai suspend s1 gone
reserve shanghai.reserve shanghai CNY.D
reserve hongkong.reserve hongkong HKD
account icbc.main icbc CNY.D
account icbc.hkd icbc HKD
account icbc.second icbc CNY.D
account icbc.closed icbc CNY.D
account hsbc.main hsbc CNY.D
account hsbc.hkd hsbc HKD
account hsbc.review hsbc CNY.D review
shanghai close s2 icbc.closed
shanghai transfer f1 shanghai.reserve -> icbc.main 100.00 CNY.D => posted 100.00
hongkong transfer f2 hongkong.reserve -> hsbc.hkd 200.00 HKD => posted 200.00
icbc transfer h1 icbc.main -> icbc.second 3.00 CNY.D hold => held 3.00
icbc transfer h2 icbc.main -> icbc.second 4.00 CNY.D hold expires +900s => held 4.00
shanghai rules r1 version 1 single CNY.D 90.00 cap CNY.D hongkong 80.00
shanghai rules r2 version 2 from +500s single CNY.D 95.00
shanghai rotate k1 key 11 from +100s to +900s previous until +200s
icbc payment u1 from shanghai to hongkong : icbc.main -> hsbc.main 20.00 CNY.D => sent
icbc payment u2 from shanghai to hongkong : icbc.main -> unknown.hongkong 1.00 CNY.D => sent
deliver shanghai -> hongkong key 1 => applied 3
deliver hongkong -> shanghai => applied 2
hsbc return b1 from hongkong to shanghai of u1 : hsbc.main -> icbc.main 5.00 CNY.D => sent
deliver hongkong -> shanghai => applied 3
shanghai reconcile q1 with hongkong 20260105 => sent
deliver shanghai -> hongkong key 1 => applied 5
deliver hongkong -> shanghai => applied 4
icbc payment u3 from shanghai to hongkong : icbc.main -> hsbc.review 2.00 CNY.D => sent
icbc pvp u4 from shanghai to hongkong : icbc.main -> hsbc.main 6.00 CNY.D and icbc.hkd <- hsbc.hkd 7.00 HKD => sent
deliver shanghai -> hongkong count 1 key 1 => applied 6
icbc recall c1 u3 CUST => sent
deliver hongkong -> shanghai stranger => halted KEY_UNKNOWN
)";

}  // namespace hugang::machine::test
