import router from '@adonisjs/core/services/router'
import { controllers } from '#generated/controllers'
import { middleware } from '#start/kernel'

router.post('/tasks/:job', [controllers.tasks.Tasks, 'store']).use(middleware.taskSender())
