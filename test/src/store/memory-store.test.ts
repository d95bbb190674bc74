import { memoryStore } from '../../../src/store/memory-store.ts'
import { storeContract } from './contract.ts'

storeContract({ name: 'memory', open: async () => ({ store: await memoryStore() }) })
