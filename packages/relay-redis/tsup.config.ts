import { library } from '@stt/tsup-config'

export default library()
