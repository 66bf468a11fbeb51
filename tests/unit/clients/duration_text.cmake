hugang_add_test(duration_text_test unit
  SOURCES duration_text_test.cpp
  LIBRARIES hugang::format)
