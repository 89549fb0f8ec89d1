#include "boundary.h"
