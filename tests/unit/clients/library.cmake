hugang_add_test(client_library_test unit
  SOURCES library/client_test.cpp library/tls_test.cpp
  LIBRARIES hugang::client)
target_precompile_headers(client_library_test PRIVATE <grpcpp/grpcpp.h>)
